package kawi.tokenizer;

final class Probe {
    private Probe() {}
}
