"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.diagram = void 0;
var diagram_1 = require("./diagram");
Object.defineProperty(exports, "diagram", { enumerable: true, get: function () { return diagram_1.diagram; } });
