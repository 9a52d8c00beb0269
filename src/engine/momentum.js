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
var __setModuleDefault = (this && this.__setModuleDefault) || (Object.create ? (function(o, v) {
    Object.defineProperty(o, "default", { enumerable: true, value: v });
}) : function(o, v) {
    o["default"] = v;
});
var __importStar = (this && this.__importStar) || function (mod) {
    if (mod && mod.__esModule) return mod;
    var result = {};
    if (mod != null) for (var k in mod) if (k !== "default" && Object.prototype.hasOwnProperty.call(mod, k)) __createBinding(result, mod, k);
    __setModuleDefault(result, mod);
    return result;
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.mendMomentum = void 0;
// What tfjs 4.22 leaves behind: `tf.train.momentum(…)` holds its learning rate in a tensor, as
// `tf.train.sgd` does, and its `dispose` does not free it. The other optimizers do.
const tf = __importStar(require("@tensorflow/tfjs-core"));
/** Puts the right `dispose` on `tf.MomentumOptimizer.prototype`. */
function mendMomentum() {
    tf.MomentumOptimizer.prototype.dispose = function () {
        const { c, m, accumulations } = this;
        tf.dispose([c, m, ...accumulations.map(({ variable }) => variable)]);
    };
}
exports.mendMomentum = mendMomentum;
