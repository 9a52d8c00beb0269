"use strict";
// What `learner(lesson)` returns. tools/build.mjs writes the exact types over
// dist/course/lessons.d.ts, from the compiled solutions; in source, where those do not exist, any
// lesson has any functions.
Object.defineProperty(exports, "__esModule", { value: true });
