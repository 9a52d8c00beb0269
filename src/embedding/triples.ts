// Triples of words by which vectors are judged: the first word means something nearer to the second
// than to the third. They were written down by meaning alone, before any vector was trained, from the
// words that occur at least 50 times in the two texts of the course (`mobyDick`, `chineseVerse`).
// Frequent words have similar neighbours whatever they mean, so a word that is the near one in one
// triple is often the far one in another; `frequencySimilarity` measures what is left of that.

/** [word, the nearer word, the farther word] */
export type Triple = readonly [word: string, near: string, far: string];

const parse = (lines: string): Triple[] =>
  lines
    .trim()
    .split(/\s*[\n/]\s*/)
    .map((line) => line.split(" ") as [string, string, string]);

/** 90 triples of English words, for Moby-Dick. */
export const englishTriples: readonly Triple[] = parse(`
  whale fish king / whale leviathan coffin / whales fish days / ship boat heart
  ships boats eyes / ship craft hand / sea ocean boy / seas waters hands
  water sea captain / ocean waters soul / hand arm ship / hands feet boats
  eye mouth wind / eyes face whales / head jaw night / leg arm sea
  blood bone morning / heart soul rope / man boy water / men sailors seas
  sailor harpooneer air / captain mate fish / captain crew light / king lord mast
  god devil boat / stubb flask ocean / starbuck stubb land / queequeg tashtego whaling
  bildad peleg iron / ahab starbuck oil / ahab captain bone / pip tashtego length
  day night head / morning night jaw / years days ships / moment instant body
  time moment leg / two three white / four three black / hundred thousand green
  white black two / black dark four / green white three / great vast know
  little small cried / large small said / long short tell / broad wide hear
  deep high see / said cried little / say tell small / speak tell deep
  see look large / saw seen great / hear heard broad / think know wide
  thought think high / come go under / came went above / going coming beneath
  goes comes old / turned turning young / up down say / over under come
  above beneath went / in into his / here there take / will shall upon
  would could into / may might over / must should up / can cannot out
  he she from / him them at / me us with / my your through
  his their by / thou ye for / thee thou of / not never there
  nothing something deck / deck mast god / cabin deck blood / rope line face
  harpoon iron years / sun light men / wind air man / fire light sailors
  oil sperm eye / ivory bone time
`);

/** 94 triples of Chinese words of one character, for the Tang poems. */
export const chineseTriples: readonly Triple[] = parse(`
  马 牛 琴 / 马 骑 荷 / 牛 羊 楼 / 鸡 犬 云 / 虎 龙 茶 / 虎 狼 笛 / 鱼 龟 裳 / 雁 燕 剑
  莺 蝉 刀 / 猿 鹤 殿 / 花 草 臣 / 竹 松 兄 / 柳 桃 箭 / 桃 李 鼓 / 梅 菊 马 / 荷 莲 虎
  兰 桂 船 / 叶 枝 王 / 江 河 红 / 湖 海 笑 / 溪 泉 帝 / 池 潭 兵 / 山 峰 酒 / 岭 峰 衣
  石 岩 诗 / 风 雨 父 / 云 霞 弟 / 雪 霜 妻 / 露 霜 门 / 雾 烟 子 / 雷 电 莲 / 日 月 手
  星 月 书 / 红 绿 江 / 青 白 听 / 黄 紫 去 / 碧 翠 母 / 朱 丹 猿 / 三 五 草 / 七 八 桃
  百 千 眉 / 二 四 泉 / 春 秋 刀 / 夏 冬 弟 / 朝 暮 金 / 晨 夕 牛 / 夜 晓 君 / 东 西 眼
  南 北 鱼 / 左 右 梅 / 前 后 雪 / 手 足 潭 / 眼 耳 亭 / 眉 面 湖 / 头 面 溪 / 琴 瑟 羊
  笙 箫 石 / 笛 鼓 桂 / 钟 鼓 花 / 楼 台 鸟 / 亭 阁 愁 / 宫 殿 闻 / 门 窗 雨 / 堂 室 雁
  君 臣 松 / 王 帝 雾 / 父 母 霞 / 兄 弟 紫 / 夫 妻 露 / 愁 恨 舟 / 悲 忧 车 / 喜 欢 弓
  笑 哭 岭 / 来 去 玉 / 归 还 柳 / 见 看 兰 / 闻 听 黄 / 衣 裳 河 / 袖 裙 峰 / 酒 茶 北
  饮 醉 东 / 舟 船 忧 / 车 骑 喜 / 刀 剑 叶 / 弓 箭 菊 / 书 诗 霜 / 笔 墨 鹤 / 金 银 听
  玉 珠 来 / 铜 铁 晨 / 僧 禅 夏 / 秦 汉 枝 / 楚 吴 醉 / 兵 军 瑟
`);
