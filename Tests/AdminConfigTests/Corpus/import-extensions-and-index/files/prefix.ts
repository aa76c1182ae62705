export default "ts-";
