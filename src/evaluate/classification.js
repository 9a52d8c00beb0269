"use strict";
// Answers that are right or wrong: the table of what was asked and what was said, and the figures
// that are read from it. Where a class was never predicted its precision is 0/0, and where it never
// occurs its recall is; both count as 0, as with scikit-learn's zero_division=0.
Object.defineProperty(exports, "__esModule", { value: true });
exports.classificationScores = exports.confusionMatrix = void 0;
/**
 * How often each class was predicted as each.
 * @param labels the classes, in the order of rows and columns
 * @returns (classes, classes): rows are what it is, columns what was predicted
 * @throws if there is not one prediction for each example, or a label is not in the list
 */
function confusionMatrix(actual, predicted, labels) {
    if (actual.length !== predicted.length)
        throw new Error(`confusionMatrix: expected as many predictions as examples, ${actual.length}, got ` +
            `${predicted.length}`);
    const place = new Map(labels.map((label, i) => [label, i]));
    const matrix = labels.map(() => labels.map(() => 0));
    actual.forEach((label, n) => {
        const [row, column] = [place.get(label), place.get(predicted[n])];
        if (row === undefined || column === undefined)
            throw new Error(`confusionMatrix: expected labels among ${labels.join(", ")}, got ` +
                `${row === undefined ? label : predicted[n]}`);
        matrix[row][column]++;
    });
    return matrix;
}
exports.confusionMatrix = confusionMatrix;
const ratio = (part, whole) => (whole === 0 ? 0 : part / whole);
const mean = (values) => ratio(values.reduce((a, b) => a + b, 0), values.length);
/**
 * Precision, recall and F1 of every class, and over all.
 * @param matrix as `confusionMatrix` gives it
 * @throws if it is empty, or not square
 */
function classificationScores(matrix, labels = matrix.map((_, i) => `${i}`)) {
    if (matrix.length === 0 || matrix.some((row) => row.length !== matrix.length))
        throw new Error(`classificationScores: expected a square table, got rows of ${matrix.map((r) => r.length)}`);
    const sum = (values) => values.reduce((a, b) => a + b, 0);
    const classes = matrix.map((row, i) => {
        const [right, support] = [row[i], sum(row)];
        const precision = ratio(right, sum(matrix.map((other) => other[i])));
        const recall = ratio(right, support);
        const f1 = ratio(2 * precision * recall, precision + recall);
        return { label: labels[i], precision, recall, f1, support };
    });
    const over = (key) => mean(classes.map((one) => one[key]));
    return {
        accuracy: ratio(sum(matrix.map((row, i) => row[i])), sum(matrix.flat())),
        classes,
        macro: { precision: over("precision"), recall: over("recall"), f1: over("f1") },
    };
}
exports.classificationScores = classificationScores;
