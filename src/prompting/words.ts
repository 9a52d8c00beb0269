// The word lists of the tasks. Capitals are facts of 2026 as far as a country has one undisputed
// capital; opposites are pairs of which each word has one usual opposite. Left out: everything rare.

const pairs = (text: string): [string, string][] =>
  text
    .trim()
    .split(/\s*,\s*/)
    .map((pair) => pair.split(/\s*=\s*/) as [string, string]);

/** Countries with their capitals. */
export const CAPITALS = pairs(`
  France=Paris, Germany=Berlin, Italy=Rome, Spain=Madrid, Portugal=Lisbon, Austria=Vienna,
  Belgium=Brussels, Denmark=Copenhagen, Sweden=Stockholm, Norway=Oslo, Finland=Helsinki,
  Poland=Warsaw, Hungary=Budapest, Greece=Athens, Ireland=Dublin, Russia=Moscow, Ukraine=Kyiv,
  Romania=Bucharest, Bulgaria=Sofia, Serbia=Belgrade, Croatia=Zagreb, Turkey=Ankara, Egypt=Cairo,
  Kenya=Nairobi, Ethiopia=Addis Ababa, Ghana=Accra, Morocco=Rabat, Tunisia=Tunis, Algeria=Algiers,
  Japan=Tokyo, China=Beijing, India=New Delhi, Thailand=Bangkok, Vietnam=Hanoi, Indonesia=Jakarta,
  Philippines=Manila, Iran=Tehran, Iraq=Baghdad, Syria=Damascus, Lebanon=Beirut, Jordan=Amman,
  Nepal=Kathmandu, Pakistan=Islamabad, Bangladesh=Dhaka, Australia=Canberra, Canada=Ottawa,
  Cuba=Havana, Jamaica=Kingston, Peru=Lima, Chile=Santiago, Argentina=Buenos Aires,
  Colombia=Bogota, Venezuela=Caracas, Ecuador=Quito, Uruguay=Montevideo, Iceland=Reykjavik,
  Mongolia=Ulaanbaatar, Estonia=Tallinn, Latvia=Riga, Lithuania=Vilnius`);

/** Words with their opposites. */
export const OPPOSITES = pairs(`
  hot=cold, big=small, tall=short, fast=slow, young=old, rich=poor, good=bad, happy=sad, up=down,
  left=right, day=night, black=white, open=closed, full=empty, early=late, hard=soft, high=low,
  light=dark, long=short, loud=quiet, near=far, new=old, strong=weak, true=false, wet=dry,
  wide=narrow, win=lose, begin=end, buy=sell, come=go, push=pull, love=hate, life=death,
  north=south, east=west, first=last, inside=outside, above=below, always=never, better=worse,
  clean=dirty, cheap=expensive, deep=shallow, easy=difficult, friend=enemy, front=back,
  give=take, heavy=light, laugh=cry, more=less, most=least, question=answer, rise=fall,
  sharp=blunt, thick=thin, top=bottom, war=peace, yes=no, before=after, summer=winter`);

/** Animals, called "zib", and tools, called "dap", by nobody but this course. */
export const KINDS = {
  zib: (
    "cat dog horse cow sheep goat rabbit tiger lion elephant monkey mouse bear wolf fox deer " +
    "snake frog duck goose chicken eagle whale shark salmon bee ant spider"
  ).split(" "),
  dap: (
    "hammer saw drill knife spoon fork needle shovel rake axe chisel wrench pliers ladder bucket " +
    "broom brush rope nail screw scissors ruler lamp clock plough hoe file anvil"
  ).split(" "),
};

/** What sentences with a feeling are made of. */
export const FEELINGS = {
  things: (
    "soup film room book song trip game coat garden concert hotel coffee lesson speech cake party " +
    "museum train beach phone"
  ).split(" "),
  positive:
    "good great lovely excellent wonderful perfect pleasant beautiful brilliant delightful".split(
      " ",
    ),
  negative: "bad poor awful terrible dreadful horrible disappointing ugly boring useless".split(
    " ",
  ),
  ends: [
    "",
    ", as everybody said",
    ", and we told our neighbours",
    " from the beginning to the end",
    ", at least on Tuesday",
    ", in my opinion",
  ],
};

/** What sentences with a topic are made of. */
export const TOPICS = {
  begins: [
    "Maria talked about",
    "We did not expect",
    "My uncle told us about",
    "Nobody liked",
    "Everyone remembers",
    "They complained about",
  ],
  things: {
    food: "soup bread cheese sandwich roast salad dessert pancakes".split(" "),
    music: "guitar orchestra melody violin choir drummer piano singer".split(" "),
    sport: "goalkeeper marathon referee penalty tournament striker sprint racket".split(" "),
    weather: "rain thunderstorm snow fog hurricane sunshine drizzle frost".split(" "),
  },
};
