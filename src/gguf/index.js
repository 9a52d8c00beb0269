"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.typeOf = exports.typeNames = exports.dequantize = exports.readGgufTensor = exports.readGgufMetadata = exports.readGguf = exports.encodeGguf = void 0;
// GGUF files, the format of llama.cpp: metadata, directory of tensors, numbers of many types.
var encode_1 = require("./encode");
Object.defineProperty(exports, "encodeGguf", { enumerable: true, get: function () { return encode_1.encodeGguf; } });
var metadata_1 = require("./metadata");
Object.defineProperty(exports, "readGguf", { enumerable: true, get: function () { return metadata_1.readGguf; } });
Object.defineProperty(exports, "readGgufMetadata", { enumerable: true, get: function () { return metadata_1.readGgufMetadata; } });
var tensors_1 = require("./tensors");
Object.defineProperty(exports, "readGgufTensor", { enumerable: true, get: function () { return tensors_1.readGgufTensor; } });
var types_1 = require("./types");
Object.defineProperty(exports, "dequantize", { enumerable: true, get: function () { return types_1.dequantize; } });
Object.defineProperty(exports, "typeNames", { enumerable: true, get: function () { return types_1.typeNames; } });
Object.defineProperty(exports, "typeOf", { enumerable: true, get: function () { return types_1.typeOf; } });
