// Makes handbook.pdf, the small PDF that lesson 25 (retrieval) reads: a made-up guest-house's rules, on
// three pages. `node datasets/retrieval/handbook.mjs` makes it again (with the package pdf-lib).
import { writeFileSync } from "node:fs";
import { PDFDocument, StandardFonts } from "pdf-lib";

const PAGES = [
  `The Lantern House: a handbook for guests

Welcome to the Lantern House, a guest-house with eleven rooms above the harbour of Kestrel Point.
The front door is locked at half past ten in the evening. The code of the key box is written on
the back of your room card. Whoever has lost the card rings the brass bell twice.

Breakfast is served from seven to half past nine in the room with the green stove. Porridge is
cooked once, at seven; bread and cheese are there until the end. Tell us the evening before if
you need a packed breakfast for the early ferry.`,
  `The ferry and the harbour

The first ferry to Osselby leaves at 6:15 on weekdays and at 7:40 on Sundays. Tickets are sold on
board, for coins only. In a wind of more than eight Beaufort the ferry does not run; the captain
decides at five in the morning, and a yellow flag at the pier says that there is no ferry.

Bicycles travel free of charge. Dogs need a ticket for children. Cars cannot be taken.`,
  `The house and its machines

The washing machine stands in the cellar and takes tokens, which the reception sells for two
crowns. It must not run after nine in the evening, because the pipes pass behind room four.

If the lights go out, the fuses are in the cupboard beneath the stairs. The third from the left
belongs to the kitchen. Please do not touch the red one: it belongs to the lighthouse.`,
];

const pdf = await PDFDocument.create();
pdf.setCreationDate(new Date(0));
pdf.setModificationDate(new Date(0));
pdf.setTitle("The Lantern House");
const font = await pdf.embedFont(StandardFonts.TimesRoman);
for (const text of PAGES) {
  const page = pdf.addPage([595, 842]);
  page.drawText(text, { x: 60, y: 760, size: 12, lineHeight: 18, font });
}
writeFileSync(new URL("handbook.pdf", import.meta.url), await pdf.save());
