package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// server is one provider of one configuration: Terraform starts a process for each provider block.
type server struct {
	tfprotov6.ProviderServer
	file      providerFile
	settings  settings
	own       ownSettings
	resources map[string]*tfprotov6.Schema
	data      map[string]*tfprotov6.Schema
	ephemeral map[string]*tfprotov6.Schema
	notes     notes
}

// serve answers Terraform from the schema.json in folder and the settings.json two folders above.
func serve(folder string) error {
	s := &server{}
	if err := readJSON(filepath.Join(folder, "schema.json"), &s.file); err != nil {
		return err
	}
	s.file.ready()
	s.settings.Folder = filepath.Dir(filepath.Dir(folder))
	if err := readJSON(filepath.Join(s.settings.Folder, "settings.json"), &s.settings); err != nil {
		return err
	}
	s.notes = notes{folder: filepath.Join(s.settings.Folder, "made"), alike: map[string]int{}}
	// Nobody reads its log, which would cost a third of its time and some of Terraform's.
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO"} {
		if err := os.Setenv(name, "OFF"); err != nil {
			return err
		}
	}
	s.resources, s.data, s.ephemeral = served(s.file.Resources), served(s.file.Data), served(s.file.Ephemeral)
	return tf6server.Serve(s.file.Address, func() tfprotov6.ProviderServer { return s })
}

func readJSON(path string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

func served(schemas map[string]typeSchema) map[string]*tfprotov6.Schema {
	found := map[string]*tfprotov6.Schema{}
	for name, s := range schemas {
		found[name] = s.schema()
	}
	return found
}

func (s *server) GetMetadata(context.Context, *tfprotov6.GetMetadataRequest) (*tfprotov6.GetMetadataResponse, error) {
	answer := &tfprotov6.GetMetadataResponse{ServerCapabilities: &tfprotov6.ServerCapabilities{}}
	for name := range s.resources {
		answer.Resources = append(answer.Resources, tfprotov6.ResourceMetadata{TypeName: name})
	}
	for name := range s.data {
		answer.DataSources = append(answer.DataSources, tfprotov6.DataSourceMetadata{TypeName: name})
	}
	for name := range s.ephemeral {
		answer.EphemeralResources = append(answer.EphemeralResources, tfprotov6.EphemeralResourceMetadata{TypeName: name})
	}
	return answer, nil
}

func (s *server) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &tfprotov6.GetProviderSchemaResponse{
		Provider:                 s.file.Provider.schema(),
		ResourceSchemas:          s.resources,
		DataSourceSchemas:        s.data,
		EphemeralResourceSchemas: s.ephemeral,
		Functions:                functions(s.file.Functions),
		ServerCapabilities:       &tfprotov6.ServerCapabilities{},
	}, nil
}

func (s *server) GetResourceIdentitySchemas(context.Context, *tfprotov6.GetResourceIdentitySchemasRequest) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &tfprotov6.GetResourceIdentitySchemasResponse{IdentitySchemas: identities(s.file.Resources)}, nil
}

func (s *server) ValidateProviderConfig(_ context.Context, r *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: r.Config}, nil
}

func (s *server) ConfigureProvider(_ context.Context, r *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	config, err := r.Config.Unmarshal(s.file.Provider.Block.of)
	if err != nil {
		return nil, err
	}
	s.own = s.configured(config, r.Config)
	return &tfprotov6.ConfigureProviderResponse{}, nil
}

func (s *server) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

func (s *server) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

func (s *server) ValidateDataResourceConfig(context.Context, *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return &tfprotov6.ValidateDataResourceConfigResponse{}, nil
}

// UpgradeResourceState takes any state: what the schema does not know is left out.
func (s *server) UpgradeResourceState(_ context.Context, r *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	of := s.file.Resources[r.TypeName].Block.of
	var state any
	if r.RawState != nil && len(r.RawState.JSON) > 0 {
		if err := json.Unmarshal(r.RawState.JSON, &state); err != nil {
			return nil, err
		}
	}
	upgraded, err := tfprotov6.NewDynamicValue(of, lenient(state, of))
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &upgraded}, err
}

func (s *server) ReadResource(_ context.Context, r *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return &tfprotov6.ReadResourceResponse{NewState: r.CurrentState, Private: r.Private}, nil
}

// PlanResourceChange plans what the configuration says, and stand-ins for what a real provider would compute.
func (s *server) PlanResourceChange(_ context.Context, r *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	of := s.file.Resources[r.TypeName].Block.of
	proposed, err := r.ProposedNewState.Unmarshal(of)
	if err != nil {
		return nil, err
	}
	if proposed.IsNull() {
		return &tfprotov6.PlanResourceChangeResponse{PlannedState: r.ProposedNewState}, nil
	}
	config, err := r.Config.Unmarshal(of)
	if err != nil {
		return nil, err
	}
	one, err := s.instance(r.TypeName, config, raw(r.Config), r.PriorPrivate)
	if err != nil {
		return nil, err
	}
	planned := one.filled(s.file.Resources[r.TypeName].Block, proposed, config)
	if err := one.keep(); err != nil {
		return nil, err
	}
	state, err := tfprotov6.NewDynamicValue(of, planned)
	return &tfprotov6.PlanResourceChangeResponse{
		PlannedState: &state, PlannedPrivate: r.PriorPrivate, UnsafeToUseLegacyTypeSystem: true,
	}, err
}

// ApplyResourceChange is never asked: the gate only plans.
func (s *server) ApplyResourceChange(_ context.Context, r *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return &tfprotov6.ApplyResourceChangeResponse{NewState: r.PriorState, UnsafeToUseLegacyTypeSystem: true}, nil
}

func (s *server) ReadDataSource(_ context.Context, r *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	of := s.file.Data[r.TypeName].Block.of
	config, err := r.Config.Unmarshal(of)
	if err != nil {
		return nil, err
	}
	answer, err := s.read(r.TypeName, s.file.Data[r.TypeName].Block, config, raw(r.Config))
	if err != nil {
		return nil, err
	}
	state, err := tfprotov6.NewDynamicValue(of, answer)
	return &tfprotov6.ReadDataSourceResponse{State: &state}, err
}

// OpenEphemeralResource answers like a data source; nothing is opened.
func (s *server) OpenEphemeralResource(_ context.Context, r *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	of := s.file.Ephemeral[r.TypeName].Block.of
	config, err := r.Config.Unmarshal(of)
	if err != nil {
		return nil, err
	}
	answer, err := s.read("ephemeral."+r.TypeName, s.file.Ephemeral[r.TypeName].Block, config, raw(r.Config))
	if err != nil {
		return nil, err
	}
	result, err := tfprotov6.NewDynamicValue(of, answer)
	return &tfprotov6.OpenEphemeralResourceResponse{Result: &result}, err
}

func (s *server) ValidateEphemeralResourceConfig(context.Context, *tfprotov6.ValidateEphemeralResourceConfigRequest) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	return &tfprotov6.ValidateEphemeralResourceConfigResponse{}, nil
}

func (s *server) RenewEphemeralResource(context.Context, *tfprotov6.RenewEphemeralResourceRequest) (*tfprotov6.RenewEphemeralResourceResponse, error) {
	return &tfprotov6.RenewEphemeralResourceResponse{}, nil
}

func (s *server) CloseEphemeralResource(context.Context, *tfprotov6.CloseEphemeralResourceRequest) (*tfprotov6.CloseEphemeralResourceResponse, error) {
	return &tfprotov6.CloseEphemeralResourceResponse{}, nil
}

func raw(v *tfprotov6.DynamicValue) []byte {
	return append(append([]byte{}, v.MsgPack...), v.JSON...)
}
