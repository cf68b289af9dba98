package io.amends.jackson;

import io.amends.core.define.PayloadShape.Place;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.AnnotatedClass;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.introspect.BeanPropertyDefinition;
import tools.jackson.databind.introspect.ClassIntrospector;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsonFormatVisitors.JsonAnyFormatVisitor;
import tools.jackson.databind.jsonFormatVisitors.JsonArrayFormatVisitor;
import tools.jackson.databind.jsonFormatVisitors.JsonBooleanFormatVisitor;
import tools.jackson.databind.jsonFormatVisitors.JsonFormatVisitorWrapper;
import tools.jackson.databind.jsonFormatVisitors.JsonIntegerFormatVisitor;
import tools.jackson.databind.jsonFormatVisitors.JsonMapFormatVisitor;
import tools.jackson.databind.jsonFormatVisitors.JsonNumberFormatVisitor;
import tools.jackson.databind.jsonFormatVisitors.JsonObjectFormatVisitor;
import tools.jackson.databind.jsonFormatVisitors.JsonStringFormatVisitor;

/**
 * Tells from a class and the mapper's settings what its JSON has at a path: properties by their JSON names, whether they
 * are only written or only read, and the kind of value by the serializer that would write it. Where annotations or an
 * own serializer leave it open, the answer is unknown rather than wrong.
 */
final class JsonShape {
    private final JsonMapper mapper;

    JsonShape(JsonMapper mapper) {
        this.mapper = mapper;
    }

    Place at(Type payload, String path) {
        try {
            JavaType current = mapper.constructType(payload);
            for (String name : path.split("\\.", -1)) {
                current = contentOf(current);
                Place kind = kindOf(current);
                if (kind != Place.STRUCTURE) {
                    return kind == Place.VALUE ? Place.ABSENT : Place.UNKNOWN;
                }
                if (current.isArrayType() || current.isCollectionLikeType()) {
                    return Place.ABSENT;
                }
                if (current.isMapLikeType() || current.isAbstract() || current.isJavaLangObject()) {
                    return Place.UNKNOWN;
                }
                List<BeanDescription> views = viewsOf(current);
                BeanPropertyDefinition property = find(views, name);
                if (property == null) {
                    return views.stream().anyMatch(this::isOpen) ? Place.UNKNOWN : Place.ABSENT;
                }
                if (isWrittenItsOwnWay(property)) {
                    return Place.UNKNOWN;
                }
                current = property.getPrimaryType();
            }
            return kindOf(contentOf(current));
        } catch (RuntimeException e) {
            // A class that Jackson can not describe is not this check's affair: decoding will say why.
            return Place.UNKNOWN;
        }
    }

    /** What an Optional or another reference holds. */
    private static JavaType contentOf(JavaType type) {
        JavaType content = type;
        while (content.isReferenceType() && content.getReferencedType() != null) {
            content = content.getReferencedType();
        }
        return content;
    }

    /** The class as it is written and as it is read: a handler's class may do only one of them. */
    private List<BeanDescription> viewsOf(JavaType type) {
        MapperConfig<?> writing = mapper.serializationConfig();
        MapperConfig<?> reading = mapper.deserializationConfig();
        ClassIntrospector writer = writing.classIntrospectorInstance().forOperation(writing);
        ClassIntrospector reader = reading.classIntrospectorInstance().forOperation(reading);
        AnnotatedClass written = writer.introspectClassAnnotations(type);
        AnnotatedClass read = reader.introspectClassAnnotations(type);
        List<BeanDescription> views = new ArrayList<>();
        views.add(writer.introspectForSerialization(type, written));
        views.add(reader.introspectForDeserialization(type, read));
        return views;
    }

    private static @Nullable BeanPropertyDefinition find(List<BeanDescription> views, String name) {
        for (BeanDescription view : views) {
            for (BeanPropertyDefinition property : view.findProperties()) {
                if (property.getPrimaryMember() == null) {
                    continue; // Known to the other view only, and without a type in this one.
                }
                boolean alias = property.findAliases().stream()
                        .anyMatch(other -> other.getSimpleName().equals(name));
                if (property.getName().equals(name) || alias) {
                    return property;
                }
            }
        }
        return null;
    }

    /** Whether the JSON may have more properties than the class has members. */
    private boolean isOpen(BeanDescription view) {
        return view.findAnyGetter() != null
                || view.findAnySetterAccessor() != null
                || view.findProperties().stream().anyMatch(this::isUnwrapped);
    }

    private boolean isUnwrapped(BeanPropertyDefinition property) {
        AnnotatedMember member = property.getPrimaryMember();
        MapperConfig<?> config = mapper.serializationConfig();
        return member != null
                && config.getAnnotationIntrospector().findUnwrappingNameTransformer(config, member) != null;
    }

    private boolean isWrittenItsOwnWay(BeanPropertyDefinition property) {
        MapperConfig<?> config = mapper.serializationConfig();
        for (AnnotatedMember member : new @Nullable AnnotatedMember[] {
            property.getField(), property.getGetter(), property.getConstructorParameter()
        }) {
            if (member != null
                    && (config.getAnnotationIntrospector().findSerializer(config, member) != null
                            || config.getAnnotationIntrospector().findFormat(config, member) != null)) {
                return true;
            }
        }
        return false;
    }

    private Place kindOf(JavaType type) {
        if (type.getRawClass() == byte[].class) {
            return Place.VALUE;
        }
        if (type.isJavaLangObject()) {
            return Place.UNKNOWN;
        }
        Kind kind = new Kind();
        mapper.acceptJsonFormatVisitor(type, kind);
        return kind.place;
    }

    /** Hears from a type's serializer what kind of JSON it writes. */
    private static final class Kind extends JsonFormatVisitorWrapper.Base {
        private Place place = Place.UNKNOWN;

        @Override
        public @Nullable JsonObjectFormatVisitor expectObjectFormat(JavaType type) {
            place = Place.STRUCTURE;
            return null;
        }

        @Override
        public @Nullable JsonArrayFormatVisitor expectArrayFormat(JavaType type) {
            place = Place.STRUCTURE;
            return null;
        }

        @Override
        public @Nullable JsonMapFormatVisitor expectMapFormat(JavaType type) {
            place = Place.STRUCTURE;
            return null;
        }

        @Override
        public @Nullable JsonStringFormatVisitor expectStringFormat(JavaType type) {
            place = Place.VALUE;
            return null;
        }

        @Override
        public @Nullable JsonNumberFormatVisitor expectNumberFormat(JavaType type) {
            place = Place.VALUE;
            return null;
        }

        @Override
        public @Nullable JsonIntegerFormatVisitor expectIntegerFormat(JavaType type) {
            place = Place.VALUE;
            return null;
        }

        @Override
        public @Nullable JsonBooleanFormatVisitor expectBooleanFormat(JavaType type) {
            place = Place.VALUE;
            return null;
        }

        @Override
        public @Nullable JsonAnyFormatVisitor expectAnyFormat(JavaType type) {
            place = Place.UNKNOWN;
            return null;
        }
    }
}
