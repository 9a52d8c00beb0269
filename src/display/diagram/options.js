"use strict";
// What an author says of a drawing: boxes on a grid, arrows between them, groups around them.
Object.defineProperty(exports, "__esModule", { value: true });
