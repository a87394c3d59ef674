/**
 * Which words name a key's fingerprint?
 * Short, plain and easy to tell apart when read aloud. The order is part of the wire: it never changes.
 */
const list = `
acorn acre agile album alert alien alley aloe alpha amber amble amigo amino angle ankle apple april apron arbor
arch arena armor arrow ash aspen atlas atom attic audio autumn avocado award axis bacon badge bagel baker
balcony bamboo banana banjo barrel basil basin basket bazaar beach bead bear beaver bed bee beetle belt bench
berry bike birch bird biscuit bison blade blanket blaze block bloom blue board boat bone bonus book boot border
bottle boulder bowl box brass brave bread breeze brick bridge brook broom brush bubble bucket bugle bulb bunny
butter button cabin cable cactus cake camel camera camp canal candle canoe canyon carbon card cargo carpet
carrot castle cat cave cedar celery cello cement chain chair chalk cheese cherry chess chest chili chimney cider
circle citrus city clay cliff clock cloud clover coach coast cobra cocoa coin comet copper coral cork corn
cosmos cotton couch crab crane crater cream creek crown cube cup curry curtain cycle daisy dance dawn deer delta
desert diary diner disco dish dog dome donkey door dove dragon drum duck dune dust eagle earth easel echo eel
egg elbow elder ember engine envoy epic equal fabric falcon farm feast feather fern ferry fiber field fig film
finch fire fish flag flame flask flint flock flower flute foam fog forest fork fossil fox frame frog frost fruit
galaxy garden garlic gate gecko ghost giant ginger glacier glass globe glove goat gold goose grain grape gravel
green guitar gulf hammer harbor harp hat hawk hazel heart helmet heron hill hinge hippo honey hood horn horse
hotel house igloo iris iron island ivory ivy jacket jaguar jam jar jasmine jazz jeans jelly jewel jungle kayak
kettle kiwi knee koala ladder lagoon lake lamp lantern laser lava lawn leaf ledge lemon lens level lilac lily
lime linen lion lizard llama lobster locket logic lotus lunar lynx magnet mango maple marble market meadow medal
melon menu mesa metal meteor milk mint mirror mitten money monkey moon moose motor mountain mouse museum
mushroom music nail napkin nectar needle nest nickel night noodle north nutmeg oak oasis ocean octopus olive
onion opal opera orange orbit orchard orchid otter oven owl oxygen oyster paddle page palace palm panda panther
paper parade park parrot pasta patio peach peanut pebble pecan pelican pencil penguin pepper piano pickle pigeon
pillow pilot pine pirate pixel pizza planet plaza plum pocket poem polar pond pony poplar poppy potato prism
puffin pumpkin puzzle quail quartz rabbit raccoon radar radio radish raft rain raisin ranch raven rhubarb ribbon
rice ridge river robin robot rocket rodeo rope rose ruby saddle saffron salad salmon salsa sand sapphire satin
sauce scarf school scooter seal seed sesame shadow shark sheep shell ship shovel silk silver sketch sky slate
sled sloth snail snow soap sofa spice spider spoon spring squid star stone sugar summer sunset swan table tango
teapot temple thunder tiger timber toast tomato tower tractor train trumpet tulip tundra tunnel turtle umbrella
valley vanilla velcro velvet village violin wagon walnut walrus water whale willow window winter wolf yacht yarn
yellow yoga zebra zinc
`

/** 512 words; `keyWords` picks three. */
export const words: readonly string[] = list.trim().split(/\s+/)
