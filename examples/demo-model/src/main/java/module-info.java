/** The demo model, which {@link kawi.demo.DemoModel} loads from a resource. */
module kawi.demo {
    requires transitive kawi.core;
    requires static org.jspecify;

    exports kawi.demo;
}
