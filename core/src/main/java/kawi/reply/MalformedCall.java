package kawi.reply;

/**
 * Text that began as a tool call and is not one.
 *
 * @param rawText as the model wrote it, tags included
 * @param reason what is wrong, as part of a sentence without its end
 * @param inThought whether it stood inside the thought, where a model may only have been rehearsing
 */
public record MalformedCall(String rawText, String reason, boolean inThought) {}
