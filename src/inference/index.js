"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.generate = exports.CachedGPT = void 0;
// Using a trained GPT: reading with a cache, writing token by token. Lesson 21 (inference) builds
// on it.
var cache_1 = require("./cache");
Object.defineProperty(exports, "CachedGPT", { enumerable: true, get: function () { return cache_1.CachedGPT; } });
var generate_1 = require("./generate");
Object.defineProperty(exports, "generate", { enumerable: true, get: function () { return generate_1.generate; } });
