package kawi.tokenizer;

/**
 * A byte-pair vocabulary with the rules for merging.
 *
 * @param ignoresMerges whether a piece that is the text of a token becomes that token, whatever the merges
 * @param unknown the id that represents bytes without a token, or -1 if such bytes cannot be encoded
 * @param fusesUnknown whether one id represents a row of bytes without a token
 */
record BytePairModel(Vocabulary vocabulary, Merges merges, boolean ignoresMerges, int unknown, boolean fusesUnknown) {}
