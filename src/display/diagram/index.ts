// Drawings of mechanisms; see diagram.ts.
export type { Diagram } from "./diagram";
export { diagram } from "./diagram";
export type { DiagramEdge, DiagramGroup, DiagramNode, DiagramOptions, Tone } from "./options";
