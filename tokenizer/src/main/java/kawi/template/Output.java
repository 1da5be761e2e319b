package kawi.template;

/** The output of a template, macro or capturing block. */
final class Output {

    private final StringBuilder text = new StringBuilder();
    private final Budget budget;

    Output(Budget budget) {
        this.budget = budget;
    }

    void append(String piece) {
        budget.checkOutput((long) text.length() + piece.length());
        budget.allocate(piece.length());
        text.append(piece);
    }

    @Override
    public String toString() {
        budget.allocate(text.length());
        return text.toString();
    }
}
