package kawi.reply;

import java.util.List;

/**
 * The markup of a dialect's replies.
 *
 * @param tags all that a {@link ReplyParser} looks for outside of calls
 * @param calls reads calls, from a tag of kind {@link Tag.Kind#CALL_BEGIN}
 */
public record ReplyMarkup(List<Tag> tags, CallParser.Factory calls) {

    /** @throws IllegalArgumentException if a tag begins with another, so that the longer one would never be found */
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

    /** Replies that are text and nothing else. */
    public static ReplyMarkup none() {
        return new ReplyMarkup(List.of(), (opening, inThought, sink) -> {
            throw new IllegalStateException("a reply without markup has no calls");
        });
    }
}
