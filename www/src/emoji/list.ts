// The emoji of the picker: a small list, so that the page loads nothing for it. Each has the words by which
// it is found; the first is its name.

export interface Emoji {
  symbol: string;
  /** The name, and further words after it. */
  words: string;
}

export interface EmojiGroup {
  name: string;
  emoji: readonly Emoji[];
}

/** Reads a group from lines of symbol and words, separated by `|`. */
function group(name: string, text: string): EmojiGroup {
  const emoji = text
    .trim()
    .split(/\s*\|\s*/)
    .map((entry) => {
      const space = entry.indexOf(" ");
      return { symbol: entry.slice(0, space), words: entry.slice(space + 1) };
    });
  return { name, emoji };
}

export const EMOJI: readonly EmojiGroup[] = [
  group(
    "Smileys",
    `😀 grinning happy|😃 smiling happy open|😄 laughing eyes|😁 beaming teeth|😅 sweat relief|😂 tears of joy laugh
    |🤣 rolling laugh|🙂 slight smile|🙃 upside down|😉 wink|😊 blush smile|😇 angel halo|🥰 in love hearts
    |😍 heart eyes|😘 kiss|😋 yummy tongue|😛 tongue|😜 winking tongue|🤪 zany crazy|🤗 hug|🤭 giggle hand
    |🤫 quiet shush|🤔 thinking|🤨 raised eyebrow doubt|😐 neutral|🙄 rolling eyes|😏 smirk|😌 relieved|😔 pensive sad
    |😴 sleeping tired|🤒 ill fever|🤯 mind blown|🥳 party celebrate|😎 cool sunglasses|🤓 nerd glasses|😕 confused
    |😟 worried|😮 surprised open mouth|😳 flushed|🥺 pleading please|😢 crying sad|😭 sobbing|😱 screaming fear
    |😤 huffing|😡 angry|🤡 clown|👻 ghost|🤖 robot`,
  ),
  group(
    "People",
    `👍 thumbs up yes good|👎 thumbs down no|👏 clapping applause|🙌 raised hands hooray|🙏 thanks please pray
    |🤝 handshake deal|👋 waving hello bye|✌️ victory peace|🤞 fingers crossed luck|🤟 love you|👌 okay perfect
    |🤏 pinching little|👉 pointing right|👆 pointing up|☝️ index up|💪 strong muscle|🫶 heart hands|👀 eyes looking
    |🧠 brain|🤷 shrug|🤦 facepalm|🙋 raising hand|🏃 running|💃 dancing|👶 baby|🧑‍💻 developer computer|🧑‍🍳 cook`,
  ),
  group(
    "Nature",
    `🐶 dog|🐱 cat|🐭 mouse|🐰 rabbit|🦊 fox|🐻 bear|🐼 panda|🦁 lion|🐸 frog|🐵 monkey|🐔 chicken|🐧 penguin|🦆 duck
    |🦉 owl|🐝 bee|🦋 butterfly|🐢 turtle|🐙 octopus|🐳 whale|🌵 cactus|🌲 tree|🌱 seedling|🍀 clover luck|🌹 rose
    |🌻 sunflower|☀️ sun|⛅ cloud sun|🌧️ rain|⛄ snowman|🌈 rainbow|🔥 fire|🌊 wave water|⭐ star`,
  ),
  group(
    "Food",
    `☕ coffee|🫖 tea pot|🍵 tea cup|🥐 croissant|🍞 bread|🧀 cheese|🥗 salad|🍕 pizza|🍔 burger|🌮 taco|🍜 noodles
    |🍣 sushi|🍰 cake|🎂 birthday cake|🍪 cookie|🍫 chocolate|🍦 ice cream|🍎 apple|🍌 banana|🍓 strawberry|🍉 melon
    |🍺 beer|🍷 wine|🥂 cheers glasses`,
  ),
  group(
    "Things",
    `🎉 party celebrate tada|🎁 gift present|🎈 balloon|🏆 trophy|🥇 gold medal|⚽ football|🎮 game|🎵 music note
    |🎸 guitar|📷 camera|💻 laptop computer|📱 phone|💡 idea light|📎 paper clip|📌 pin|📅 calendar date|✏️ pencil
    |📚 books|📦 parcel box|🚀 rocket launch|🚗 car|🚲 bicycle|✈️ plane|🏠 house home|⏰ alarm clock|🔒 lock
    |🔑 key|💰 money`,
  ),
  group(
    "Symbols",
    `❤️ red heart love|🧡 orange heart|💛 yellow heart|💚 green heart|💙 blue heart|💜 purple heart|🖤 black heart
    |💔 broken heart|💯 hundred perfect|✨ sparkles|💥 boom|💤 sleep|✅ done check yes|☑️ checked box|❌ cross no wrong
    |❓ question|❗ exclamation|⚠️ warning|🔔 bell|♻️ recycle|➕ plus|🆗 ok|🔴 red circle|🟡 yellow circle
    |🟢 green circle|🔵 blue circle`,
  ),
];

/** Returns the groups with the emoji of which every word of the query begins a word. */
export function findEmoji(query: string): readonly EmojiGroup[] {
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return EMOJI;
  const matches = ({ symbol, words }: Emoji): boolean => {
    const all = words.split(" ");
    return wanted.every((start) => symbol === start || all.some((word) => word.startsWith(start)));
  };
  return EMOJI.map(({ name, emoji }) => ({ name, emoji: emoji.filter(matches) })).filter(
    ({ emoji }) => emoji.length > 0,
  );
}
