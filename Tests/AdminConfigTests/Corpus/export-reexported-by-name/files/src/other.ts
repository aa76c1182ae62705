export const nothing = 1;
export default { realtime: { driver: "memory" } };
