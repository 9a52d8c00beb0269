"use strict";
// Does a model that is 70 % sure turn out right in 70 of 100 cases? Guo et al., On Calibration of
// Modern Neural Networks, 2017. Left out: temperatures that repair it, bins of equal size.
Object.defineProperty(exports, "__esModule", { value: true });
exports.expectedCalibrationError = exports.calibrationBins = void 0;
/**
 * Predictions sorted into bins of equal width by how sure the model was; 1 belongs to the last.
 * @param confidence from 0 to 1
 * @param right whether each prediction was right
 * @throws if the two differ in length, or a confidence lies outside 0 … 1
 */
function calibrationBins(confidence, right, bins = 10) {
    if (confidence.length !== right.length)
        throw new Error(`calibrationBins: expected ${confidence.length} answers, got ${right.length}`);
    const found = Array.from({ length: bins }, () => ({ count: 0, sure: 0, right: 0 }));
    for (let i = 0; i < confidence.length; i++) {
        if (!(confidence[i] >= 0 && confidence[i] <= 1))
            throw new Error(`calibrationBins: expected confidences from 0 to 1, got ${confidence[i]}`);
        const bin = found[Math.min(bins - 1, Math.floor(confidence[i] * bins))];
        bin.count++;
        bin.sure += confidence[i];
        bin.right += Number(right[i]);
    }
    return found.map(({ count, sure, right: hits }, b) => ({
        ...{ low: b / bins, high: (b + 1) / bins, count },
        confidence: count === 0 ? 0 : sure / count,
        accuracy: count === 0 ? 0 : hits / count,
    }));
}
exports.calibrationBins = calibrationBins;
/** The expected calibration error: Σ share of the bin · |accuracy − confidence|. */
function expectedCalibrationError(bins) {
    const all = bins.reduce((sum, { count }) => sum + count, 0);
    if (all === 0)
        throw new Error("expectedCalibrationError: expected at least one prediction, got none");
    const gap = ({ count, accuracy, confidence }) => (count / all) * Math.abs(accuracy - confidence);
    return bins.reduce((sum, bin) => sum + gap(bin), 0);
}
exports.expectedCalibrationError = expectedCalibrationError;
