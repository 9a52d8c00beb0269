// Lesson 15 (fine-tuning): a pretrained model learns a task with labels.
export { type CsvRow, readCsv, writeCsv } from "./csv";
