"use strict";
// What a lesson's notebook needs of the course itself: checks, hints, and the learner's own
// functions.
Object.defineProperty(exports, "__esModule", { value: true });
exports.size = exports.bySize = exports.CheckResult = exports.learner = exports.hint = exports.check = void 0;
var check_1 = require("./check");
Object.defineProperty(exports, "check", { enumerable: true, get: function () { return check_1.check; } });
var hints_1 = require("./hints");
Object.defineProperty(exports, "hint", { enumerable: true, get: function () { return hints_1.hint; } });
var learner_1 = require("./learner");
Object.defineProperty(exports, "learner", { enumerable: true, get: function () { return learner_1.learner; } });
var report_1 = require("./report");
Object.defineProperty(exports, "CheckResult", { enumerable: true, get: function () { return report_1.CheckResult; } });
var size_1 = require("./size");
Object.defineProperty(exports, "bySize", { enumerable: true, get: function () { return size_1.bySize; } });
Object.defineProperty(exports, "size", { enumerable: true, get: function () { return size_1.size; } });
