export const suffix = "-s";
export default "-d";
