package kawi.regex;

import java.util.List;

/** A regular expression as a tree. Groups and lazy quantifiers have no nodes, since they match the same texts. */
public sealed interface Node {

    int UNBOUNDED = Integer.MAX_VALUE;

    /** One character. */
    record Characters(CodePoints set) implements Node {}

    record Sequence(List<Node> parts) implements Node {}

    record Choice(List<Node> options) implements Node {}

    /**
     * Repetitions of a node.
     *
     * @param max {@link #UNBOUNDED} for any number
     */
    record Repetition(Node body, int min, int max) implements Node {}

    /** The start of the text. */
    record Begin() implements Node {}

    /** The end of the text. */
    record End() implements Node {}

    /** What follows or precedes this place; it consumes nothing. */
    record Look(boolean ahead, boolean negative, Node body) implements Node {}

    /** Whether the truth of this node depends on what is before or after its match. */
    default boolean looksAround() {
        return switch (this) {
            case Characters _ -> false;
            case Sequence(List<Node> parts) -> parts.stream().anyMatch(Node::looksAround);
            case Choice(List<Node> options) -> options.stream().anyMatch(Node::looksAround);
            case Repetition(Node body, int _, int _) -> body.looksAround();
            case Begin _, End _, Look _ -> true;
        };
    }
}
