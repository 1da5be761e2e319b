package kawi.spring.ai.autoconfigure;

import kawi.ModelLoader;

/**
 * A bean that sets options of the loader for which there is no property, such as a chat template. Customizers run in
 * their order, after the properties have been applied.
 */
@FunctionalInterface
public interface ModelLoaderCustomizer {

    /** Returns the loader with further options. */
    ModelLoader customize(ModelLoader loader);
}
