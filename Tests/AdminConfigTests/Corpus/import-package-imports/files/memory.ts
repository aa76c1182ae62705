export default "memory";
