package kawi.template;

import kawi.tokenizer.OriginText;

/** The output of a template, macro or capturing block. */
final class Output {

    private final OriginText.Builder text = new OriginText.Builder();
    private final Budget budget;

    Output(Budget budget) {
        this.budget = budget;
    }

    void append(OriginText piece) {
        budget.checkOutput((long) text.length() + piece.length());
        budget.allocate(piece.length());
        text.append(piece);
    }

    OriginText text() {
        budget.allocate(text.length());
        return text.build();
    }
}
