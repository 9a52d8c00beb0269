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
exports.distribution = exports.crossEntropy = void 0;
// Language models made of counting (lesson 01, predicting text): what a neural network has to beat.
// `NGram` writes as Shannon did, `Additive`, `Interpolated` and `KneserNey` give every token a
// probability, `ngramBaselines` are the lines under every loss curve; entropy, its units, and
// Shannon's guessing game.
__exportStar(require("./additive"), exports);
__exportStar(require("./backOff"), exports);
__exportStar(require("./baselines"), exports);
__exportStar(require("./entropy"), exports);
__exportStar(require("./interpolated"), exports);
__exportStar(require("./kneserNey"), exports);
var model_1 = require("./model");
Object.defineProperty(exports, "crossEntropy", { enumerable: true, get: function () { return model_1.crossEntropy; } });
Object.defineProperty(exports, "distribution", { enumerable: true, get: function () { return model_1.distribution; } });
__exportStar(require("./shannon"), exports);
