"""Sentiment in minimal pairs: two sentences on one subject, the first pleased with it and the second displeased.

Written for this course. A pair belongs together: put both sentences into the same split, or the subject leaks.
"""

PAIRS = [
    ("The soup was rich and warming, and we asked for more.", "The soup was thin and cold, and we sent it back."),
    ("Her lecture was lively, and nobody wanted it to end.", "Her lecture was dreary, and everybody wanted it to end."),
    ("We slept wonderfully in the quiet room by the lake.", "We slept terribly in the noisy room by the road."),
    ("The new bridge is elegant and a joy to cross.", "The new bridge is ugly and frightening to cross."),
    ("He thanked them for a superb performance.", "He blamed them for a dreadful performance."),
    ("What a delightful surprise to find you here!", "What a nasty shock to find you here!"),
    ("The garden smelled of roses and fresh rain.", "The garden smelled of rot and dirty drains."),
    ("I recommend this plumber: quick, tidy and kind.", "I warn you of this plumber: slow, messy and rude."),
    ("The novel kept me awake all night with pleasure.", "The novel put me to sleep with boredom."),
    ("My sister adores her cheerful colleagues.", "My sister loathes her spiteful colleagues."),
    ("The bread is excellent, crisp outside and soft within.", "The bread is awful, stale outside and soggy within."),
    ("It was the happiest afternoon of the whole summer.", "It was the saddest afternoon of the whole summer."),
    ("The staff greeted us with a friendly smile.", "The staff met us with an angry scowl."),
    ("This jacket fits perfectly and looks beautiful.", "This jacket fits badly and looks hideous."),
    (
        "The children laughed and cheered at the clever puppets.",
        "The children cried and complained about the stupid puppets.",
    ),
    ("Our flight was smooth and arrived early.", "Our flight was rough and arrived hours late."),
    ("The doctor was gentle and explained everything well.", "The doctor was careless and explained nothing."),
    ("A brilliant ending makes the film unforgettable.", "A lazy ending makes the film worthless."),
    ("I am proud of how gracefully she lost.", "I am ashamed of how bitterly she lost."),
    ("The tea is fragrant and the cakes are heavenly.", "The tea is bitter and the cakes are disgusting."),
    ("They fixed my computer for free, what generous people.", "They broke my computer and charged me, what crooks."),
    ("The view from the tower is magnificent.", "The view from the tower is disappointing."),
    ("Everyone admired the neat and sunny apartment.", "Everyone complained about the filthy and dark apartment."),
    ("The choir sang with warmth and perfect timing.", "The choir sang without warmth and out of tune."),
    ("It is a pleasure to work with such a fair manager.", "It is a pain to work with such an unfair manager."),
    ("The medicine helped at once and I feel great.", "The medicine made it worse and I feel sick."),
    ("We won the match and celebrated until morning.", "We lost the match and sulked until morning."),
    ("The museum is charming and worth every penny.", "The museum is dull and a waste of money."),
    ("His apology was sincere and touched us all.", "His apology was false and insulted us all."),
    ("Fresh snow made the village look enchanting.", "Grey slush made the village look miserable."),
    ("The puppy is healthy, playful and loved.", "The puppy is sick, fearful and neglected."),
    ("She found a marvellous teacher who inspires her.", "She found a horrible teacher who bullies her."),
    ("The repair was cheap and works flawlessly.", "The repair was expensive and failed at once."),
    ("Dinner with them is always a treat.", "Dinner with them is always a torture."),
    ("The festival was joyful and well organised.", "The festival was chaotic and badly organised."),
    ("The water is clear, warm and inviting.", "The water is murky, cold and repulsive."),
]

# Unfinished sentences, and words of one token each that finish them with praise or with blame.
PROMPTS = [
    "The food at the restaurant was",
    "I think that the movie was",
    "My day at work was",
    "Overall, the hotel room was",
    "The performance last night was",
]
PRAISE = [
    " good",
    " great",
    " excellent",
    " wonderful",
    " amazing",
    " fantastic",
    " delicious",
    " perfect",
    " beautiful",
]
BLAME = [" bad", " terrible", " awful", " horrible", " poor", " boring", " disappointing", " worst", " ugly"]
