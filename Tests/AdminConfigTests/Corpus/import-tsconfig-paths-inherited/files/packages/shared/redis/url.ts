export const url = "redis://longest-pattern-wins";
