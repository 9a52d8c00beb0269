// Recurrent networks. cells: the equations · scan: the loop over time, fast · run: a layer over a
// sequence · tasks: what needs memory · models: small models trained on them · char: a
// character-level language model.
export * from "./cells";
export * from "./char";
export * from "./models";
export * from "./run";
export * from "./tasks";
