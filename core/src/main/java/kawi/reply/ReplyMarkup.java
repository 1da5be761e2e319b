package kawi.reply;

import java.util.List;

/**
 * The markup of a dialect's replies.
 *
 * @param tags the tags that a {@link ReplyParser} recognizes outside of calls
 * @param calls creates parsers for calls, from a tag of kind {@link Tag.Kind#CALL_BEGIN}
 */
public record ReplyMarkup(List<Tag> tags, CallParser.Factory calls) {

    /** @throws IllegalArgumentException if a tag is a prefix of another, which would never be recognized */
    public ReplyMarkup {
        tags = List.copyOf(tags);
        for (int i = 0; i < tags.size(); i++) {
            for (int j = 0; j < tags.size(); j++) {
                if (i != j && tags.get(j).text().startsWith(tags.get(i).text())) {
                    throw new IllegalArgumentException("the tag \"%s\" begins with the tag \"%s\""
                            .formatted(tags.get(j).text(), tags.get(i).text()));
                }
            }
        }
    }

    /** Returns the markup of replies that consist of text only. */
    public static ReplyMarkup none() {
        return new ReplyMarkup(List.of(), (opening, inThought, tools) -> {
            throw new IllegalStateException("a reply without markup has no calls");
        });
    }
}
