export default "redis";
