/** A model whose answers are given by a script, for tests: {@link kawi.scripted.ScriptedModel}. */
module kawi.scripted {
    requires transitive kawi.core;
    requires static org.jspecify;

    exports kawi.scripted;
}
