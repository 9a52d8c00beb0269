// The words of the instructions: few enough that a model of two million parameters learns them, the
// same things in both languages.

/** A word in English, in the plural if it has one, and in Chinese. */
interface Word {
  en: string;
  many: string;
  zh: string;
}

const words = (text: string): Word[] =>
  text
    .trim()
    .split(/\n/)
    .map((line) => {
      const [en, many, zh] = line.trim().split(/\s+/);
      return { en, many, zh };
    });

/** Things that one can have several of. */
export const THINGS: readonly Word[] = words(`
  apple apples 苹果
  pear pears 梨
  book books 书
  cup cups 杯子
  pen pens 笔
  hat hats 帽子
  boat boats 船
  key keys 钥匙
  map maps 地图
  lamp lamps 灯
  chair chairs 椅子
  door doors 门`);

export const ANIMALS: readonly Word[] = words(`
  cat cats 猫
  dog dogs 狗
  whale whales 鲸鱼
  horse horses 马
  bird birds 鸟
  fish fish 鱼
  cow cows 牛
  sheep sheep 羊
  rabbit rabbits 兔子
  tiger tigers 老虎`);

export const COLOURS: readonly Omit<Word, "many">[] = [
  { en: "red", zh: "红" },
  { en: "blue", zh: "蓝" },
  { en: "green", zh: "绿" },
  { en: "black", zh: "黑" },
  { en: "white", zh: "白" },
  { en: "yellow", zh: "黄" },
];

export const NAMES = {
  en: "Ada Ben Cleo Dan Eva Finn Gia Hugo Ivy Jack Kate Leo Mia Noah Olga Paul Rosa Sam".split(" "),
  zh: "小明 小红 小华 小丽 小刚 小芳 王伟 李娜 张强 刘洋 陈静 杨帆".split(" "),
};

export const PLACES = {
  en: "Rome Paris Oslo Cairo Delhi Lima Tokyo London".split(" "),
  zh: "北京 上海 广州 西安 南京 成都 杭州 天津".split(" "),
};

export const DAYS = {
  en: "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(" "),
  zh: "星期一 星期二 星期三 星期四 星期五 星期六 星期日".split(" "),
};

/** What can be said of anything, for better and for worse. */
export const OPINIONS = {
  en: {
    positive: "good great lovely excellent wonderful perfect pleasant".split(" "),
    negative: "bad poor awful terrible dreadful horrible disappointing".split(" "),
  },
  zh: {
    positive: "很好 很棒 不错 很出色 很完美 令人满意".split(" "),
    negative: "很差 很糟 不好 太坏了 让人失望 令人不满".split(" "),
  },
};

export const SUBJECTS = {
  en: ["soup", "room", "service", "train", "hotel", "bread", "film", "waiter"],
  zh: ["汤", "房间", "服务", "火车", "酒店", "面包", "电影", "服务员"],
};

/** Everything with a name in both languages that stands alone. */
export const NOUNS: readonly Word[] = [...THINGS, ...ANIMALS];
