/** The demo model as a resource, and {@link kawi.demo.DemoModel} to load it. */
module kawi.demo {
    requires transitive kawi.core;
    requires static org.jspecify;

    exports kawi.demo;
}
