package main

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// functions declares each function that the configuration calls, for any arguments.
func functions(names []string) map[string]*tfprotov6.Function {
	declared := map[string]*tfprotov6.Function{}
	for _, name := range names {
		declared[name] = &tfprotov6.Function{
			VariadicParameter: &tfprotov6.FunctionParameter{
				Name: "arguments", Type: tftypes.DynamicPseudoType, AllowNullValue: true, AllowUnknownValues: true,
			},
			Return: &tfprotov6.FunctionReturn{Type: tftypes.DynamicPseudoType},
		}
	}
	return declared
}

func (s *server) GetFunctions(context.Context, *tfprotov6.GetFunctionsRequest) (*tfprotov6.GetFunctionsResponse, error) {
	return &tfprotov6.GetFunctionsResponse{Functions: functions(s.file.Functions)}, nil
}

// CallFunction computes the functions of the AWS provider; what others answer is unknown.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/functions/arn_parse
func (s *server) CallFunction(_ context.Context, r *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	arguments := []string{}
	known := true
	for _, argument := range r.Arguments {
		value, err := argument.Unmarshal(tftypes.DynamicPseudoType)
		if err != nil {
			return nil, err
		}
		text, ok := plain(value).(string)
		known = known && ok
		arguments = append(arguments, text)
	}
	answer := tftypes.NewValue(tftypes.DynamicPseudoType, tftypes.UnknownValue)
	if known {
		switch {
		case r.Name == "arn_parse" && len(arguments) == 1:
			if parts := arnParts(arguments[0]); parts != nil {
				delete(parts, "id")
				parts["account_id"] = parts["account"]
				delete(parts, "account")
				answer = dynamic(parts)
			}
		case r.Name == "arn_build" && len(arguments) == 5:
			answer = dynamic("arn:" + strings.Join(arguments, ":"))
		case r.Name == "trim_iam_role_path" && len(arguments) == 1:
			if at := strings.Index(arguments[0], ":role/"); at >= 0 {
				head := at + len(":role/")
				answer = dynamic(arguments[0][:head] + arguments[0][strings.LastIndexByte(arguments[0], '/')+1:])
			}
		}
	}
	result, err := tfprotov6.NewDynamicValue(tftypes.DynamicPseudoType, answer)
	return &tfprotov6.CallFunctionResponse{Result: &result}, err
}
