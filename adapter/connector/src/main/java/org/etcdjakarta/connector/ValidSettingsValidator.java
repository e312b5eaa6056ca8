package org.etcdjakarta.connector;

import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reports every value that is not allowed as a violation of its property. For the Bean Validation of the server. */
public final class ValidSettingsValidator implements ConstraintValidator<ValidSettings, EtcdProperties> {

    /** For Bean Validation. */
    public ValidSettingsValidator() {}

    @Override
    public boolean isValid(EtcdProperties bean, ConstraintValidatorContext context) {
        Map<String, String> refused = new LinkedHashMap<>();
        bean.refusals(refused::put);
        if (!refused.isEmpty()) {
            context.disableDefaultConstraintViolation();
        }
        refused.forEach((property, message) -> context.buildConstraintViolationWithTemplate(literal(message))
                .addPropertyNode(property)
                .addConstraintViolation());
        return refused.isEmpty();
    }

    /** The message holds what somebody has configured, which is no template and no expression. */
    private static String literal(String message) {
        return message.replaceAll("([\\\\{}$])", "\\\\$1");
    }
}
