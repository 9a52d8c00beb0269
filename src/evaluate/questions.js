"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.shuffled = exports.questions = void 0;
const q = (question, ...options) => ({ question, options });
/** All questions. */
exports.questions = [
    q("What is the capital of France?", "Paris", "Madrid", "Saint Petersburg", "Rome"),
    q("What is the capital of Japan?", "Tokyo", "Beijing", "Bangkok", "Kuala Lumpur"),
    q("What is the largest planet in the Solar System?", "Jupiter", "Mars", "Venus", "Mercury"),
    q("Which gas do plants take in from the air?", "carbon dioxide", "helium", "neon", "argon"),
    q("Who wrote Romeo and Juliet?", "William Shakespeare", "Homer", "Charles Dickens", "Jane Austen"),
    q("How many legs does a spider have?", "eight", "six", "four", "one hundred and twenty"),
    q("At what temperature does water boil at sea level?", "100 °C", "10 °C", "50 °C", "1000 °C"),
    q("Which animal is the largest?", "the blue whale", "the horse", "the mouse", "the wolf"),
    q("Which metal is liquid at room temperature?", "mercury", "iron", "gold", "aluminium"),
    q("How many days are there in a week?", "seven", "five", "ten", "twenty-four"),
    q("What do bees make?", "honey", "milk", "silk", "paper money"),
    q("Which ocean lies between Europe and America?", "the Atlantic", "the Indian", "the Arctic", "the Pacific"),
    q("What is frozen water called?", "ice", "steam", "salt", "a thunderstorm"),
    q("Which organ pumps blood?", "the heart", "the liver", "the stomach", "the large intestine"),
    q("In which country are the pyramids of Giza?", "Egypt", "Peru", "Norway", "the United Kingdom"),
    q("What is the opposite of hot?", "cold", "wet", "loud", "extremely heavy"),
    q("Which planet is nearest to the Sun?", "Mercury", "Neptune", "Saturn", "the Moon"),
    q("What is the main language of Brazil?", "Portuguese", "Dutch", "Swedish", "Mandarin Chinese"),
    q("What is three times four?", "twelve", "seven", "thirty-four", "nine"),
    q("Which instrument has black and white keys?", "the piano", "the flute", "the drum", "the violin"),
    q("What does a thermometer measure?", "temperature", "weight", "time", "the speed of the wind"),
    q("Which season comes after winter?", "spring", "autumn", "summer", "the rainy season"),
    q("What is the chemical symbol of oxygen?", "O", "H", "Fe", "NaCl"),
    q("Which bird cannot fly?", "the penguin", "the swallow", "the eagle", "the common house sparrow"),
];
/** The options of a question in random order, and where the right one is. */
function shuffled({ options }, rng) {
    const mixed = rng.shuffle([...options]);
    return { options: mixed, right: mixed.indexOf(options[0]) };
}
exports.shuffled = shuffled;
