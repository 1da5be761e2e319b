package kawi;

final class Probe {
    private Probe() {}
}
