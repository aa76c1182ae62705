export default (context: { driver: string }) => ({ realtime: { driver: context.driver, keyPrefix: "fp" } });
