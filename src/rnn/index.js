"use strict";
var __createBinding = (this && this.__createBinding) || (Object.create ? (function(o, m, k, k2) {
    if (k2 === undefined) k2 = k;
    var desc = Object.getOwnPropertyDescriptor(m, k);
    if (!desc || ("get" in desc ? !m.__esModule : desc.writable || desc.configurable)) {
      desc = { enumerable: true, get: function() { return m[k]; } };
    }
    Object.defineProperty(o, k2, desc);
}) : (function(o, m, k, k2) {
    if (k2 === undefined) k2 = k;
    o[k2] = m[k];
}));
var __exportStar = (this && this.__exportStar) || function(m, exports) {
    for (var p in m) if (p !== "default" && !Object.prototype.hasOwnProperty.call(exports, p)) __createBinding(exports, m, p);
};
Object.defineProperty(exports, "__esModule", { value: true });
// Recurrent networks. cells: the equations · scan: the loop over time, fast · run: a layer over a
// sequence · tasks: what needs memory · models: small models trained on them · char: a
// character-level language model.
__exportStar(require("./cells"), exports);
__exportStar(require("./char"), exports);
__exportStar(require("./models"), exports);
__exportStar(require("./run"), exports);
__exportStar(require("./tasks"), exports);
