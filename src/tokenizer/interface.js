"use strict";
// What every tokenizer is, whichever its algorithm: text to ids and back.
Object.defineProperty(exports, "__esModule", { value: true });
