export default "-index";
