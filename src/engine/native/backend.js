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
exports.valuesOf = exports.nativeBackend = void 0;
// The internal parts of tfjs-node that are used here: its backend, and the C++ addon below it.
// Neither is documented; both are pinned to 4.22.0 in package.json.
const tf = __importStar(require("@tensorflow/tfjs-core"));
/** The native backend, or undefined when another one is current. */
function nativeBackend() {
    return tf.getBackend() === "tensorflow" ? tf.backend() : undefined;
}
exports.nativeBackend = nativeBackend;
/** The values of a tensor, wherever they are. */
function valuesOf(backend, dataId) {
    const data = backend.tensorMap.get(dataId);
    return data.values ?? backend.binding.tensorDataSync(data.id);
}
exports.valuesOf = valuesOf;
