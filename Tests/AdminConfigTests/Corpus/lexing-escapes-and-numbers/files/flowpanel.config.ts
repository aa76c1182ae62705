const \u0075rl = "redis:\u002F\x2f\u{63}ache:" + (6_300 + 0x4F) + "/" + 0b10 + "\
";
const keyPrefix = 'fp\u003a' + 1_0.5e1 + `\u{3a}` + Number(10n);
export default { realtime: { driver: "re\dis", url, keyPrefix } };
