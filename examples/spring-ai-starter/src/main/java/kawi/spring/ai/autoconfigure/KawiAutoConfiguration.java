package kawi.spring.ai.autoconfigure;

import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import kawi.Model;
import kawi.ModelFileException;
import kawi.ModelLoader;
import kawi.spring.ai.KawiChatModel;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.model.SpringAIModelProperties;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.io.Resource;
import org.springframework.core.io.ResourceLoader;
import org.springframework.util.ResourceUtils;

/**
 * Loads the model of {@code spring.ai.kawi.model} and provides it as {@link Model} and as {@link KawiChatModel}, unless
 * {@code spring.ai.model.chat} names another provider. A bean of either type replaces it.
 */
@AutoConfiguration
@ConditionalOnClass(KawiChatModel.class)
@ConditionalOnProperty(
        name = SpringAIModelProperties.CHAT_MODEL,
        havingValue = KawiChatModel.PROVIDER,
        matchIfMissing = true)
@EnableConfigurationProperties({KawiProperties.class, KawiChatProperties.class})
public class KawiAutoConfiguration {

    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    Model kawiModel(
            KawiProperties properties, ResourceLoader resources, ObjectProvider<ModelLoaderCustomizer> customizers) {
        String name = properties.model();
        if (name == null || name.isBlank()) {
            throw new ModelNotAvailableException(
                    null, "Kawi has no model to load, since the property spring.ai.kawi.model is not set.", null);
        }
        try {
            ModelLoader loader = seeing(configured(loader(name, resources), properties), properties, resources);
            for (ModelLoaderCustomizer customizer : customizers.orderedStream().toList()) {
                loader = customizer.customize(loader);
            }
            return loader.load();
        } catch (ModelFileException
                | IllegalArgumentException
                | UnsupportedOperationException
                | IOException
                | UncheckedIOException e) {
            throw new ModelNotAvailableException(
                    name, "Kawi cannot load the model %s: %s".formatted(name, e.getMessage()), e);
        }
    }

    @Bean
    @ConditionalOnMissingBean
    KawiChatModel kawiChatModel(
            Model model,
            KawiChatProperties properties,
            ObjectProvider<ObservationRegistry> observationRegistry,
            ObjectProvider<ChatModelObservationConvention> observationConvention) {
        KawiChatModel.Builder builder = KawiChatModel.builder().model(model).options(properties.toOptions());
        observationRegistry.ifUnique(builder::observationRegistry);
        observationConvention.ifAvailable(builder::observationConvention);
        return builder.build();
    }

    @Bean
    @ConditionalOnMissingBean
    ModelLifecycle kawiModelLifecycle(Model model) {
        return new ModelLifecycle(model);
    }

    private static ModelLoader loader(String name, ResourceLoader resources) throws IOException {
        if (!isResource(name)) {
            return Model.loader(name);
        }
        Resource resource = resources.getResource(name);
        return resource.isFile()
                ? Model.loader(resource.getFilePath())
                : Model.loader(resource.getContentAsByteArray(), fileName(name));
    }

    /** A resource inside a jar is read into memory; a file is mapped. */
    private static boolean isResource(String name) {
        return name.startsWith(ResourceUtils.CLASSPATH_URL_PREFIX) || name.startsWith(ResourceUtils.FILE_URL_PREFIX);
    }

    private static String fileName(String resource) {
        return resource.substring(resource.lastIndexOf('/') + 1);
    }

    private static ModelLoader seeing(ModelLoader given, KawiProperties properties, ResourceLoader resources)
            throws IOException {
        KawiProperties.Images images = properties.images();
        ModelLoader loader = given.imageTokens(images.minTokens(), images.maxTokens());
        if (images.cache() != null) {
            loader = loader.imageCache(images.cache().toBytes());
        }
        String name = properties.vision();
        if (name == null || name.isBlank()) {
            return loader;
        }
        if (!isResource(name)) {
            return loader.vision(name);
        }
        Resource resource = resources.getResource(name);
        return resource.isFile()
                ? loader.vision(resource.getFilePath())
                : loader.vision(resource.getContentAsByteArray(), fileName(name));
    }

    private static ModelLoader configured(ModelLoader given, KawiProperties properties) {
        ModelLoader loader = given.concurrency(properties.concurrency().toConcurrency());
        if (properties.contextLength() != null) {
            loader = loader.contextLength(properties.contextLength());
        }
        if (properties.threads() != null) {
            loader = loader.threads(properties.threads());
        }
        if (properties.kernels() != null) {
            loader = loader.kernels(properties.kernels());
        }
        if (properties.keysAndValues() != null) {
            loader = loader.keysAndValues(properties.keysAndValues());
        }
        if (properties.quantize() != null) {
            loader = properties.importance() == null
                    ? loader.quantize(properties.quantize())
                    : loader.quantize(properties.quantize(), properties.importance());
        }
        if (properties.ropeScaling() != null) {
            loader = loader.ropeScaling(properties.ropeScaling());
        }
        if (properties.prefixCache() != null) {
            loader = loader.prefixCache(properties.prefixCache().toBytes());
        }
        if (properties.offline() != null) {
            loader = loader.offline(properties.offline());
        }
        return loader;
    }
}
